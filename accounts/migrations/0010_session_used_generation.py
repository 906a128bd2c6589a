from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_session_network'),
    ]

    operations = [
        migrations.AddField(
            model_name='session',
            name='used_generation',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
    ]
