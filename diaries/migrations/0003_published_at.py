from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("diaries", "0002_post")]

    operations = [
        migrations.AddField(
            model_name="diary",
            name="published_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="published at"),
        ),
    ]
