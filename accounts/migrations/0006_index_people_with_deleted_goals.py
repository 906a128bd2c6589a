from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_mark_people_with_deleted_goals'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='user',
            index=models.Index(fields=['has_deleted_goals'], name='user_deleted_goals'),
        ),
    ]
