from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cheers', '0002_index_cheers_of_a_todo'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='cheer',
            index=models.Index(fields=['diary', 'created_at', 'id'], name='cheer_of_diary'),
        ),
    ]
