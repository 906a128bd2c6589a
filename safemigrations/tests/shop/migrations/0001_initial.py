import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Shelf",
            fields=[
                ("id", models.BigAutoField(primary_key=True)),
                ("name", models.CharField(max_length=30, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="Thing",
            fields=[
                ("id", models.BigAutoField(primary_key=True)),
                ("label", models.CharField(max_length=30, db_index=True)),
                ("price", models.PositiveIntegerField(default=0)),
                ("weight", models.IntegerField(null=True)),
                ("shelf", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="shop.shelf")),
                ("beside", models.ManyToManyField(to="shop.shelf", related_name="+")),
            ],
            options={
                "indexes": [models.Index(fields=["shelf", "label"], name="thing_of_shelf")],
                "constraints": [
                    models.UniqueConstraint(fields=("label", "shelf"), name="thing_once"),
                    models.CheckConstraint(condition=models.Q(("price__lte", 1000)), name="thing_price"),
                ],
            },
        ),
    ]
