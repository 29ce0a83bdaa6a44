"""Every callback type Sumsub documents, grouped by what it may change."""

# Carry the review's state: only these are weighed old against new.
STATE_EVENTS = frozenset(
    {
        "applicantActivated",
        "applicantAwaitingService",
        "applicantAwaitingUser",
        "applicantCreated",
        "applicantDeactivated",
        "applicantDeleted",
        "applicantLevelChanged",
        "applicantOnHold",
        "applicantPending",
        "applicantPersonalDataDeleted",
        "applicantPrechecked",
        "applicantReset",
        "applicantReviewed",
        "applicantStepsReset",
        "applicantWorkflowCompleted",
        "applicantWorkflowFailed",
    }
)

# Say something about the applicant, nothing about the verdict.
INFO_EVENTS = frozenset(
    {
        "applicantPersonalInfoChanged",
        "applicantTagsChanged",
        "applicantVerificationLinkOpened",
    }
)

# A separate flow; must never change the applicant's status.
ACTION_EVENTS = frozenset(
    {
        "applicantActionLevelChanged",
        "applicantActionOnHold",
        "applicantActionPending",
        "applicantActionReviewed",
    }
)

# Of products the bank does not use; stored and left alone.
OTHER_EVENTS = frozenset(
    {
        "amlCaseApproved",
        "amlCaseOnHold",
        "amlCaseRejected",
        "applicantKytOnHold",
        "applicantKytTxnApproved",
        "applicantKytTxnAwaitingUser",
        "applicantKytTxnDataChanged",
        "applicantKytTxnDeleted",
        "applicantKytTxnRejected",
        "applicantKytTxnReviewed",
        "applicantTravelRuleStatusChanged",
        "kybCompanyActivity",
        "kytCaseCreated",
        "kytCaseReviewed",
        "kytCaseStatusChanged",
        "travelRuleAction",
        "videoIdentCompositionCompleted",
        "videoIdentStatusChanged",
    }
)

KNOWN_EVENTS = STATE_EVENTS | INFO_EVENTS | ACTION_EVENTS | OTHER_EVENTS
