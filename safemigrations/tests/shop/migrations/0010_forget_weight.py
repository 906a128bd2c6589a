from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("shop", "0009_table")]

    operations = [
        migrations.RemoveConstraint("thing", "thing_weight"),
    ]
