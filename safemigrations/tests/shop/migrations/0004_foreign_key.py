import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("shop", "0003_column_with_a_default")]

    operations = [
        migrations.AddField(
            "thing",
            "reserve",
            models.ForeignKey("shop.shelf", null=True, related_name="+", on_delete=django.db.models.deletion.SET_NULL),
        ),
    ]
