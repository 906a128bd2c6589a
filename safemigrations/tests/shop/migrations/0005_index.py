from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("shop", "0004_foreign_key")]

    operations = [
        migrations.AddIndex("thing", models.Index(fields=["shelf", "-price"], name="thing_by_price")),
    ]
