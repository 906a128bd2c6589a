import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("shop", "0013_many_at_once")]

    operations = [
        migrations.AlterField(
            "thing", "shelf", models.ForeignKey("shop.board", null=True, on_delete=django.db.models.deletion.CASCADE)
        ),
    ]
