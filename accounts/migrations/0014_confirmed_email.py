from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0013_index_searchable_nicknames")]

    operations = [
        migrations.AddField(
            "user",
            "email_verified_at",
            models.DateTimeField(editable=False, null=True, verbose_name="email confirmed at"),
        ),
    ]
