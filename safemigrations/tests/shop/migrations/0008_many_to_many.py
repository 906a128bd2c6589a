from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("shop", "0007_unique")]

    operations = [
        migrations.AddField("thing", "above", models.ManyToManyField("shop.shelf", related_name="+")),
    ]
