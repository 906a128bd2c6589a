from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("shop", "0002_column")]

    operations = [
        migrations.AddField("thing", "note", models.CharField(max_length=9, db_default="50% off")),
    ]
