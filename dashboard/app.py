"""Entry of the dashboard: `make dashboard`, then http://localhost:8501."""

import streamlit as st

from dashboard.pages import PAGES
from orchestration.delivery.words import Words
from orchestration.settings import Settings

words = Words(Settings().pack.language)  # type: ignore[call-arg]  # filled from crm_marts.toml
st.set_page_config(page_title=words.page("dashboard"), layout="wide")
st.navigation(
    [st.Page(page, title=words.page(page.__name__), url_path=page.__name__) for page in PAGES]
).run()
