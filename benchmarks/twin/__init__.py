"""The same resources over the same tables as the tutorials of Django REST framework do it: ModelViewSet,
ModelSerializer, django-filter, JWTAuthentication, page numbers. Nothing is made slow here, and nothing is made fast.
"""
