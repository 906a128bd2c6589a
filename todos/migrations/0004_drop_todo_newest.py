from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('todos', '0003_index_todos_of_all'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='todo',
            name='todo_newest',
        ),
    ]
