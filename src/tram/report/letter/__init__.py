"""The letter of Decree 30/2020: what it says, and how it is set in .docx and .pdf."""
