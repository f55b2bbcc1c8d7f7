"""The service: the cascade over HTTP, for people, programs and Acumos catalogues."""
