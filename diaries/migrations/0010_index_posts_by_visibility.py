from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("diaries", "0009_index_posts_of_a_person")]

    operations = [
        migrations.AddIndex(
            model_name="diary",
            index=models.Index(fields=["visibility", "post"], name="diary_public"),
        ),
    ]
