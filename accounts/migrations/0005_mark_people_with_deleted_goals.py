from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_index_deleted_accounts'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='has_deleted_goals',
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
    ]
