from django.db import migrations, models


class Migration(migrations.Migration):

    contract = "It is here to be killed at each step; no release runs on it."

    dependencies = [("shop", "0012_take_weight_away")]

    operations = [
        migrations.AlterField("thing", "label", models.CharField(max_length=60, db_index=True)),
        migrations.RemoveIndex("thing", "thing_by_price"),
        migrations.AddIndex("thing", models.Index(fields=["price", "shelf"], name="thing_at_price")),
        migrations.AddField("thing", "size", models.TextField(default="")),
        migrations.AddField("thing", "kind", models.CharField(max_length=9, default="toy")),
        migrations.AlterField("thing", "color", models.CharField(max_length=20, null=True)),
        migrations.RemoveField("thing", "color"),
        migrations.RenameField("thing", "note", "remark"),
        migrations.RenameIndex("thing", new_name="thing_on_shelf", old_name="thing_of_shelf"),
        migrations.DeleteModel("Label"),
        migrations.RenameModel("Shelf", "Board"),
    ]
