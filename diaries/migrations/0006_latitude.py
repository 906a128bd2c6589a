from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("diaries", "0005_place")]

    operations = [
        migrations.AddField(
            model_name="diary",
            name="latitude",
            field=models.FloatField(null=True, verbose_name="latitude"),
        ),
    ]
