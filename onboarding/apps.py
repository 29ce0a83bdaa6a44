"""What spans the house: login, welcome, and the provisioning tracker."""

from django.apps import AppConfig


class OnboardingConfig(AppConfig):
    name = "onboarding"
    verbose_name = "Provisioning"

    def ready(self) -> None:
        from onboarding.panels import pin_panels

        pin_panels()
