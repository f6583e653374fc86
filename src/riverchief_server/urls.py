"""Where each face answers."""

from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from riverchief_server.api.desk.routes import api
from riverchief_server.api.pages import desk
from riverchief_server.api.public import views

urlpatterns = [
    path("", RedirectView.as_view(url="/desk/"), name="home"),
    path("api/", api.urls),
    path("desk/", desk, name="desk"),
    path("desk/<path:page>", desk),
    path("board/", views.boards, name="boards"),
    path("board/<str:code>/", views.board, name="board"),
    path("report/", views.report, name="report"),
    path("report/<str:code>/", views.receipt, name="receipt"),
    path("language/", views.language, name="language"),
]
