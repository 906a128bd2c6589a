from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("shop", "0010_forget_weight")]

    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("thing", "weight")]),
    ]
