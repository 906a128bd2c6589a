from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0015_pending_email")]

    operations = [
        migrations.AddField(
            "user",
            "has_second_factor",
            models.BooleanField(db_default=False, default=False, editable=False),
        ),
    ]
