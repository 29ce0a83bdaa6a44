"""What happens to logins and to provisioning, in the past tense."""

from dataclasses import dataclass

from events.events import Event


@dataclass(frozen=True, kw_only=True)
class ProvisioningStarted(Event):
    customer_id: str

    def words(self) -> tuple[str, str]:
        return "Provisioning started", ""


@dataclass(frozen=True, kw_only=True)
class LoginCreated(Event):
    customer_id: str
    login_id: str
    provider: str

    def words(self) -> tuple[str, str]:
        return "Login created", ""


@dataclass(frozen=True, kw_only=True)
class LoginDisabled(Event):
    customer_id: str
    login_id: str

    def words(self) -> tuple[str, str]:
        return "Login disabled", ""


@dataclass(frozen=True, kw_only=True)
class LoginEnabled(Event):
    customer_id: str
    login_id: str

    def words(self) -> tuple[str, str]:
        return "Login enabled", ""


@dataclass(frozen=True, kw_only=True)
class LoginRenamed(Event):
    customer_id: str
    login_id: str

    def words(self) -> tuple[str, str]:
        return "Login name changed", "follows the e-mail or phone"


@dataclass(frozen=True, kw_only=True)
class HandOverAwaited(Event):
    customer_id: str

    def words(self) -> tuple[str, str]:
        return "Welcome waits for the branch", "no e-mail on file"


@dataclass(frozen=True, kw_only=True)
class WelcomeSent(Event):
    customer_id: str
    way: str

    def words(self) -> tuple[str, str]:
        if self.way == "branch":
            return "One-time password handed over", "in the branch"
        return "Welcome sent", "by e-mail"


@dataclass(frozen=True, kw_only=True)
class ProvisioningCompleted(Event):
    customer_id: str

    def words(self) -> tuple[str, str]:
        return "Provisioning done", ""


@dataclass(frozen=True, kw_only=True)
class StepRetried(Event):
    customer_id: str
    step: str

    def words(self) -> tuple[str, str]:
        return "Provisioning tried again", self.step
