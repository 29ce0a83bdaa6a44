"""Addresses of the customers' portal."""

from django.urls import path

from onboarding.portal import views
from onboarding.portal.mailbox import mailbox

app_name = "portal"
urlpatterns = [
    # Before the institutions': none of them may be called "mail".
    path("mail/", mailbox, name="mail"),
    path("<slug:slug>/", views.home, name="home"),
    path("<slug:slug>/login/", views.sign_in, name="login"),
    path("<slug:slug>/logout/", views.sign_out, name="logout"),
    path("<slug:slug>/password/", views.change_password, name="password"),
]
