from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_session_client'),
    ]

    operations = [
        migrations.AddField(
            model_name='session',
            name='network',
            field=models.CharField(db_default='', default='', max_length=43, verbose_name='network'),
        ),
    ]
