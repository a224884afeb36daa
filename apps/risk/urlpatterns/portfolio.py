from django.urls import URLPattern, path

from apps.risk.views import portfolio, registers

_REGISTERS = "risk/registers/"

urlpatterns: list[URLPattern] = [
    path("risk/", portfolio.portfolio, name="portfolio"),
    path("risk/portfolio.pdf", portfolio.portfolio_pdf, name="portfolio_pdf"),
    path("risk/portfolio/<slug:table>.csv", portfolio.portfolio_csv, name="portfolio_csv"),
    path("risk/portfolio/<slug:kind>/", portfolio.portfolio_rows, name="portfolio_rows"),
    path(_REGISTERS, registers.listed, name="registers"),
    path(f"{_REGISTERS}<slug:register>/", registers.register, name="register"),
    path(f"{_REGISTERS}<slug:register>/gaps/", registers.register_gaps, name="register_gaps"),
    path(f"{_REGISTERS}<slug:register>.csv", registers.register_csv, name="register_csv"),
    path(f"{_REGISTERS}<slug:register>.pdf", registers.register_pdf, name="register_pdf"),
]
