"""Gateway to Keycloak, where customers get their login."""
