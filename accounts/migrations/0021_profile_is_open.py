from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0020_avatar")]

    operations = [
        migrations.AddField(
            "profile",
            "is_open",
            models.BooleanField(db_default=False, default=False, verbose_name="open"),
        ),
    ]
