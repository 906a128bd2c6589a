from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cheers', '0003_index_cheers_of_a_diary'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='cheer',
            index=models.Index(fields=['created_at', '-id'], name='cheer_of_all'),
        ),
    ]
