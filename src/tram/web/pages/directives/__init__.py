"""The register of directives: documents, tasks, recommendations, providers."""
