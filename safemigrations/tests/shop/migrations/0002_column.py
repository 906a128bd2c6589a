from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("shop", "0001_initial")]

    operations = [
        migrations.AddField("thing", "color", models.CharField(max_length=7, null=True)),
    ]
