from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cheers', '0001_initial'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='cheer',
            index=models.Index(fields=['todo', 'created_at', 'id'], name='cheer_of_todo'),
        ),
    ]
