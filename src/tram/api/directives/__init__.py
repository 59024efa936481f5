"""The register of directives: documents, tasks, recommendations, solution providers."""
