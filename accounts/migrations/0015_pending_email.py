from django.db import migrations

import core.model_fields


class Migration(migrations.Migration):
    dependencies = [("accounts", "0014_confirmed_email")]

    operations = [
        migrations.AddField(
            "user",
            "pending_email",
            core.model_fields.ExactCharField(editable=False, max_length=254, null=True),
        ),
    ]
