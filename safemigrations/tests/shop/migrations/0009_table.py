import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("shop", "0008_many_to_many")]

    operations = [
        migrations.CreateModel(
            "Label",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("text", models.TextField(default="")),
                ("shelf", models.ForeignKey("shop.shelf", on_delete=django.db.models.deletion.CASCADE)),
            ],
            options={"indexes": [models.Index(fields=["shelf", "id"], name="label_of_shelf")]},
        ),
    ]
