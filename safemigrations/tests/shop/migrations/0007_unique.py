from django.db import migrations, models


class Migration(migrations.Migration):

    contract = "Names are unique already."

    dependencies = [("shop", "0006_check")]

    operations = [
        migrations.AddConstraint("shelf", models.UniqueConstraint(fields=("name", "id"), name="shelf_once")),
    ]
