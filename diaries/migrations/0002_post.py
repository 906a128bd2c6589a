from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("diaries", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="diary",
            name="post",
            field=models.BigIntegerField(editable=False, null=True, unique=True),
        ),
    ]
