from django.db import migrations, models


class Migration(migrations.Migration):

    contract = "Nothing weighs that much."

    dependencies = [("shop", "0005_index")]

    operations = [
        migrations.AddConstraint(
            "thing", models.CheckConstraint(condition=models.Q(("weight__lte", 9000)), name="thing_weight")
        ),
    ]
