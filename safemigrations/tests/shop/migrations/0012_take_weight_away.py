from django.db import migrations, models

from safemigrations.operations import Drop


class Migration(migrations.Migration):

    contract = "The release before does not use it any more."

    dependencies = [("shop", "0011_forget_weight_in_the_models")]

    operations = [
        Drop(migrations.AddField("thing", "weight", models.IntegerField(null=True))),
    ]
