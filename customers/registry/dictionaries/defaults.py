"""The entries every institution starts with; the mirrored ones follow the code."""

from customers.registry.choices import CustomerType
from customers.registry.models import Dictionary

# Code and label, in the order of the list.
Entries = tuple[tuple[str, str], ...]

DEFAULTS: dict[Dictionary, Entries] = {
    Dictionary.CUSTOMER_TYPE: tuple(
        (str(code), str(label)) for code, label in CustomerType.choices
    ),
    # As deposits.models.AccountType, which stands above; a test compares them.
    Dictionary.ACCOUNT_TYPE: (("current", "Current"),),
    Dictionary.ADDRESS_TYPE: (
        ("home", "Home"),
        ("postal", "Postal"),
        ("work", "Work"),
        ("registered_office", "Registered office"),
        ("place_of_business", "Place of business"),
        ("other", "Other"),
    ),
    Dictionary.PHONE_TYPE: (
        ("mobile", "Mobile"),
        ("home", "Home"),
        ("work", "Work"),
        ("other", "Other"),
    ),
    Dictionary.EMAIL_TYPE: (
        ("personal", "Personal"),
        ("work", "Work"),
        ("other", "Other"),
    ),
    Dictionary.CUSTOMER_CATEGORY: (
        ("retail", "Retail"),
        ("private_banking", "Private banking"),
        ("small_business", "Small business"),
        ("corporate", "Corporate"),
        ("public_sector", "Public sector"),
        ("staff", "Staff of the bank"),
    ),
    Dictionary.EMPLOYER_CATEGORY: (
        ("government", "Government"),
        ("state_enterprise", "State enterprise"),
        ("listed_company", "Listed company"),
        ("private_company", "Private company"),
        ("small_business", "Small business"),
        ("non_profit", "Non-profit organisation"),
        ("international", "International organisation"),
        ("household", "Private household"),
        ("own_business", "Own business"),
        ("other", "Other"),
    ),
    Dictionary.EMPLOYMENT: (
        ("full_time", "Employed, full time"),
        ("part_time", "Employed, part time"),
        ("temporary", "Employed, temporary"),
        ("self_employed", "Self-employed"),
        ("student", "Student"),
        ("homemaker", "Homemaker"),
        ("retired", "Retired"),
        ("unemployed", "Unemployed"),
    ),
    # The sections of ISIC, revision 4 (United Nations).
    Dictionary.INDUSTRY: (
        ("agriculture", "Agriculture, forestry and fishing"),
        ("mining", "Mining and quarrying"),
        ("manufacturing", "Manufacturing"),
        ("energy", "Electricity and gas supply"),
        ("water", "Water supply and waste"),
        ("construction", "Construction"),
        ("trade", "Wholesale and retail trade"),
        ("transport", "Transport and storage"),
        ("hospitality", "Accommodation and food"),
        ("information", "Information and communication"),
        ("finance", "Finance and insurance"),
        ("real_estate", "Real estate"),
        ("professional", "Professional and scientific services"),
        ("support", "Administrative and support services"),
        ("public_administration", "Public administration and defence"),
        ("education", "Education"),
        ("health", "Health and social work"),
        ("arts", "Arts and recreation"),
        ("other_services", "Other services"),
        ("households", "Households as employers"),
        ("extraterritorial", "Extraterritorial organisations"),
    ),
    # The levels of ISCED 2011 (UNESCO), some of them together.
    Dictionary.EDUCATION: (
        ("none", "No formal education"),
        ("primary", "Primary"),
        ("lower_secondary", "Lower secondary"),
        ("upper_secondary", "Upper secondary"),
        ("vocational", "Post-secondary or vocational"),
        ("bachelor", "Bachelor’s degree"),
        ("master", "Master’s degree"),
        ("doctorate", "Doctorate"),
    ),
    # Per month, in the institution's currency.
    Dictionary.INCOME: (
        ("none", "No income"),
        ("under_500", "Under 500 a month"),
        ("500_1999", "500 to 1,999 a month"),
        ("2000_4999", "2,000 to 4,999 a month"),
        ("5000_9999", "5,000 to 9,999 a month"),
        ("10000_more", "10,000 a month or more"),
    ),
    Dictionary.MNO: (
        ("mtn", "MTN"),
        ("vodafone", "Vodafone"),
        ("airtel", "Airtel"),
        ("orange", "Orange"),
        ("safaricom", "Safaricom"),
        ("glo", "Glo"),
        ("other", "Other"),
    ),
}
# Room between two entries, for one that is put there later.
STEP = 10
