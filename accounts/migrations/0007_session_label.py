from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_index_people_with_deleted_goals'),
    ]

    operations = [
        migrations.AddField(
            model_name='session',
            name='label',
            field=models.CharField(max_length=100, null=True, verbose_name='label'),
        ),
    ]
