from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('cheers', '0004_index_cheers_of_all'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='cheer',
            name='cheer_newest',
        ),
    ]
