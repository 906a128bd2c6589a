from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_session_label'),
    ]

    operations = [
        migrations.AddField(
            model_name='session',
            name='client',
            field=models.CharField(db_default='', default='', max_length=200, verbose_name='client'),
        ),
    ]
