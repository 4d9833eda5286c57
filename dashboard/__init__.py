"""The published marts in a browser: Streamlit pages that read the serving files alone."""
