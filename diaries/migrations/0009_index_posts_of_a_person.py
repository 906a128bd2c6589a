from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("diaries", "0008_photos_count")]

    operations = [
        migrations.AddIndex(
            model_name="diary",
            index=models.Index(fields=["owner", "post", "visibility"], name="diary_timeline"),
        ),
    ]
