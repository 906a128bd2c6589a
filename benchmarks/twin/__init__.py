"""The same resources over the same tables as in DRF's tutorials, neither slowed down nor tuned.

ModelViewSet, ModelSerializer, django-filter, simplejwt's JWTAuthentication and page numbers.
"""
