"""Single sign-on by OpenID Connect. allauth leads through the flow; what a provider says is checked here before it counts."""
