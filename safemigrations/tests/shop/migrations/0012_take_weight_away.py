from django.db import migrations, models

from safemigrations.operations import Drop


class Migration(migrations.Migration):

    contract = "The previous release does not use it."

    dependencies = [("shop", "0011_forget_weight_in_the_models")]

    operations = [
        Drop(migrations.AddField("thing", "weight", models.IntegerField(null=True))),
    ]
